"""Errors of the Erlang virtual machine: those that Elixir prints, and those of Erlang/OTP."""
