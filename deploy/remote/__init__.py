"""A command of one's own on an instance of one's own: `classifycloud remote`.

    name.py       a run's id, its keys in the bucket, its tags
    packing.py    the working folder there, what became of it back
    place.py      where: what the stack hands out
    ground.py     what a run takes place on: instance.py, or a cluster for a training (cluster.py)
    machine.py    instances: launched, listed, terminated
    agent.py      the way in: one command through SSM
    far.py        what runs there; one file, sent along, needs Python and boto3
    script.py     what the instance is told at its start, and what SSM is asked to run
    mailbox.py    the run's objects: log, end, outputs, the sign of life
    following.py  the log as it happens, until the end
    session.py    a run from its start to nothing left

Everything that both sides must know lies in the bucket under `remote/ID/`: any terminal can go on with a run.
"""
