namespace NetVS.Director.Marks;

/// <summary>A range of ports whose packets have one mark. Host order, both ends included.</summary>
public readonly record struct MarkedPorts(ushort First, ushort Last, uint Mark);
