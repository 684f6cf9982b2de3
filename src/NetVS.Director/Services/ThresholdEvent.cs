namespace NetVS.Director.Services;

/// <summary>Why a destination's overload mark is looked at (reference §2.5).</summary>
internal enum ThresholdEvent : byte
{
    /// <summary>Rule A: a new connection took the total to exactly the upper threshold.</summary>
    ReachedUpper,

    /// <summary>Rule B: an ended connection took the total down from exactly the lower threshold.</summary>
    FellBelowLower,

    /// <summary>Rule C: a threshold was edited.</summary>
    Edited,
}
