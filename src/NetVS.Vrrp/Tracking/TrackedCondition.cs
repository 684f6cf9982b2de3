namespace NetVS.Vrrp.Tracking;

/// <summary>Something a virtual router watches: its effect on the priority, or FAULT.</summary>
/// <remarks>
/// Weight 0 means FAULT while it is bad (reversed: while it is good). Another weight: a positive one counts while it is good, a negative one while it
/// is bad; reversed, with the sign changed. A number (a file's) is multiplied with the weight; weight 0 means FAULT unless it is 0.
/// Thread: the virtual router's.
/// </remarks>
public sealed class TrackedCondition(string name, int weight = 0, bool isReversed = false, bool isNumber = false, string? subject = null)
{
    private const int MostContribution = 253;

    /// <summary>What is wrong while it is bad, for people.</summary>
    public string Name { get; } = name;

    /// <summary>What is watched: "script chk".</summary>
    public string Subject { get; } = subject ?? name;

    /// <summary>The weight.</summary>
    public int Weight { get; } = weight;

    /// <summary>Whether good and bad change places.</summary>
    public bool IsReversed { get; } = isReversed;

    /// <summary>Whether it is a number, not good or bad.</summary>
    public bool IsNumber { get; } = isNumber;

    /// <summary>What is known.</summary>
    public ConditionState State { get; private set; }

    /// <summary>The number.</summary>
    public int Number { get; private set; }

    /// <summary>Whether nothing is known of it and a first result decides about FAULT.</summary>
    public bool IsPending => Weight == 0 && !IsNumber && State == ConditionState.Unknown;

    /// <summary>Whether it keeps the virtual router in FAULT.</summary>
    public bool IsFault
    {
        get
        {
            if (IsNumber) return Weight == 0 ? Number != 0 != IsReversed : Product <= -(MostContribution + 1);
            return Weight == 0 && State == (IsReversed ? ConditionState.Good : ConditionState.Bad);
        }
    }

    /// <summary>What it adds to the priority.</summary>
    public int Contribution
    {
        get
        {
            if (Weight == 0) return 0;
            if (IsNumber) return (int)Math.Clamp(Product, -MostContribution, MostContribution);
            bool counts = State == (Weight > 0 ? ConditionState.Good : ConditionState.Bad);
            return !counts ? 0 : IsReversed ? -Weight : Weight;
        }
    }

    private long Product => (long)Number * Weight * (IsReversed ? -1 : 1);

    /// <summary>Notes a result. Whoever has the condition must evaluate it afterwards.</summary>
    /// <returns>Whether it changed.</returns>
    public bool Set(bool isGood)
    {
        ConditionState state = isGood ? ConditionState.Good : ConditionState.Bad;
        if (state == State) return false;
        State = state;
        return true;
    }

    /// <summary>Notes a number.</summary>
    /// <returns>Whether it changed.</returns>
    public bool Set(int number)
    {
        bool isChanged = State == ConditionState.Unknown || number != Number;
        State = ConditionState.Good;
        Number = number;
        return isChanged;
    }
}
