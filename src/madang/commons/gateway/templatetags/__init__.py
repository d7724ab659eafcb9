"""What templates may call: ``{% load city %}``."""
