"""Made by `make client`; change the operations beside, not this file."""
