namespace NetVS.Links;

/// <summary>Is given each received frame.</summary>
public interface IFrameHandler
{
    /// <summary>Handles one frame; may rewrite it and hand it to a link's <see cref="ILink.Transmit"/>. Throws nothing.</summary>
    void Handle(ref LinkFrame frame);
}
