namespace NetVS.Director.Forwarding;

/// <summary>The sentence an operator reads beside a <see cref="DropReason"/> or a <see cref="ForwardingEvent"/>.</summary>
/// <param name="text">What happened and, where it helps, what to do.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class ReasonTextAttribute(string text) : Attribute
{
    /// <summary>What happened and, where it helps, what to do.</summary>
    public string Text { get; } = text;
}
