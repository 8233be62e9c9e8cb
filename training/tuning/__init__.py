"""Searching for the options that a network learns best with: trials in processes of their own, one journal.

One process, the one that was called, asks Optuna and writes the study's journal; the crew's processes train
and tell it of each epoch. So whichever is killed, the journal has one writer and is whole, and a trial of a
process that is gone can be told from one that runs.
"""
