"""Which of the city's systems stand on the common stack, by their own word and by what is seen of them."""
