// Daemons and processes share two processors with whatever else runs: one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
