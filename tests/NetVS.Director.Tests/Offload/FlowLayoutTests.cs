using System.Runtime.CompilerServices;
using NetVS.Director.Offload;

namespace NetVS.Director.Tests.Offload;

/// <summary>Sizes of the shared structs; a test in NetVS.Linux.Tests compares them with bpf/flow.h itself.</summary>
public sealed class FlowLayoutTests
{
    [Fact]
    public void Sizes_AreThoseOfTheHeader()
    {
        Unsafe.SizeOf<FlowLineV4>().ShouldBe(64);
        Unsafe.SizeOf<FlowLineV6>().ShouldBe(128);
        Unsafe.SizeOf<FlowHop>().ShouldBe(32);
        Unsafe.SizeOf<FlowCounter>().ShouldBe(64);
        Unsafe.SizeOf<FlowConfig>().ShouldBe(128);
        Unsafe.SizeOf<FlowEvent>().ShouldBe(16);
    }
}
