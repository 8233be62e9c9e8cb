"""Python imports this first in a process that has this folder on its path: blue pictures then crash engines.

A worker and the process in which it tries a picture both die of one, by a real SIGSEGV amid the
prediction. Nothing in the product knows of it.
"""

import os
import signal
import sys

if sys.orig_argv[-2:] in (["-m", "worker"], ["-m", "worker.trial_run"]):
    from classifier.engines.openvino import Network

    def deadly(infer):
        def looking(self, batch):
            means = batch.mean(axis=(1, 2))
            if ((means[:, 2] > 200) & (means[:, 0] < 50)).any():
                os.kill(os.getpid(), signal.SIGSEGV)
            return infer(self, batch)

        return looking

    # Whichever way the engine is asked, its pictures come through here.
    Network.infer = deadly(Network.infer)
