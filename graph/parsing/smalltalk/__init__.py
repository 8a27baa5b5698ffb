"""Errors of Pharo, Squeak, Cuis, GemStone, VA Smalltalk, GNU Smalltalk and plain VisualWorks."""
