"""What every room may say: ids, time, money, places, languages, errors. Standard library only."""
