"""Any number of stored pictures classified by a cluster, with the network and engine of the workers.

driver: classify -> pieces, ship, manifest   |   executor: piece -> reading, slot -> decoder, rows -> storage
"""
