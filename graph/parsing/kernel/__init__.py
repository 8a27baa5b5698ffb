"""Linux kernel logs."""
