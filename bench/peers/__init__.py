"""Our service beside other ways to serve the same model: who answers how many pictures, at which cost."""
