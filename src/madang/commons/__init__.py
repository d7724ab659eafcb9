"""The courtyard: the common stack that every room stands on."""
