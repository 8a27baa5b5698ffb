"""Stacks printed by gdb and lldb."""
