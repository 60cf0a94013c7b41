"""Models judged: what colors photographs (inference) as the methods that an evaluation compares."""
