"""Systems, consents, sign-ins and tokens in PostgreSQL; keys in the instance's folder; the policy in the profile."""
