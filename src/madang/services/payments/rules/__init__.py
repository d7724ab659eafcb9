"""What a provider's word does to a bill, which notices are believed, and when to ask again. Time comes in."""
