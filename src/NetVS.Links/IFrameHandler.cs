namespace NetVS.Links;

/// <summary>Is given each received frame.</summary>
public interface IFrameHandler
{
    /// <summary>How many frames before its turn a frame is best announced.</summary>
    const int ExpectAhead = 12;

    /// <summary>Announces a frame that will be handled soon, so that memory can be asked for. Only a hint; may be left out.</summary>
    /// <param name="frame">The frame as received, which is not kept; empty when the batch has no frame as far ahead.</param>
    void Expect(ReadOnlySpan<byte> frame) { }

    /// <summary>Handles one frame; may rewrite it and hand it to a link's <see cref="ILink.Transmit"/>. Throws nothing.</summary>
    void Handle(ref LinkFrame frame);
}
