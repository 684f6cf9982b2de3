// Labs load the whole machine: one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
