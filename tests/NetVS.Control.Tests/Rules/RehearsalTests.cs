using NetVS.Control.Rules;
using NetVS.Director.Network;
using NetVS.Memory;
using NetVS.Rules.Ipvsadm;

namespace NetVS.Control.Tests.Rules;

/// <summary>Runs by itself: what other tests reserve meanwhile would be counted.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

[Collection(nameof(AloneCollection))]
public sealed class RehearsalTests
{
    private const string Rules = "-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 10.0.0.1 -m\n-A -u [2001:db8::1]:5060 -s rr -p 100 --pe sip\n";

    // Found by the soak: each reload left the garbage collector 48 MiB that it knows nothing of.
    [Fact]
    public void Rehearsal_ReturnsItsNativeMemoryAtOnce()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = NativeBlock.LiveOctets;
        for (int i = 0; i < 3; i++) RulesFileCheck.FindProblems(Rules, "rules", NoNames.Instance, new NetworkState()).ShouldBeEmpty();
        NativeBlock.LiveOctets.ShouldBeLessThanOrEqualTo(before);
    }
}
