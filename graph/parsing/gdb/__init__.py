"""gdb and lldb sessions."""
