using NetVS.Director.Helpers;
using NetVS.Sync;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Helpers;

public sealed class SequenceShiftsTests
{
    // Near the end of the numbers, so that they wrap around.
    private const uint Start = uint.MaxValue - 300;

    [Fact]
    public void Nothing_ShiftsNothing()
    {
        SequenceShifts shifts = default;
        shifts.IsNothing.ShouldBeTrue();
        shifts.DeltaAt(7).ShouldBe(0u);
        shifts.Undo(7).ShouldBe(7u);
        shifts.CountWithin(0, 1000).ShouldBe(0);
    }

    [Fact]
    public void Replacements_ShiftWhatFollowsThem_AndNothingBefore()
    {
        SequenceShifts shifts = default;
        shifts.TryAdd(100, 20, 5).ShouldBeTrue();
        shifts.TryAdd(200, 20, -7).ShouldBeTrue();
        shifts.DeltaAt(50).ShouldBe(0u);
        shifts.DeltaAt(99).ShouldBe(0u);
        shifts.DeltaAt(100).ShouldBe(5u);
        shifts.DeltaAt(199).ShouldBe(5u);
        shifts.DeltaAt(200).ShouldBe(unchecked((uint)-2));
        shifts.Undo(105).ShouldBe(100u);
        shifts.Undo(185).ShouldBe(180u);
        shifts.Undo(198).ShouldBe(200u);
        shifts.Undo(300).ShouldBe(302u);
    }

    [Fact]
    public void Replacement_BehindALaterOne_IsRefused_AndAKnownOneIsFound()
    {
        SequenceShifts shifts = default;
        shifts.TryAdd(200, 20, 5).ShouldBeTrue();
        shifts.TryAdd(100, 20, 5).ShouldBeFalse();
        shifts.TryAdd(210, 20, 5).ShouldBeFalse();
        shifts.TryFind(200, out uint growth).ShouldBeTrue();
        growth.ShouldBe(5u);
        shifts.TryFind(201, out _).ShouldBeFalse();
        shifts.CountWithin(150, 30).ShouldBe(0);
        shifts.CountWithin(150, 31).ShouldBe(1);
        shifts.CountWithin(199, 1).ShouldBe(1);
        shifts.CountWithin(200, 100).ShouldBe(0);
    }

    [Fact]
    public void Sum_IsKept_WhenTheNumbersAreFarAhead()
    {
        SequenceShifts shifts = default;
        shifts.TryAdd(200, 20, 5).ShouldBeTrue();
        uint far = 200;
        for (int i = 0; i < 20; i++)
        {
            far = unchecked(far + (1u << 29));
            shifts.ForgetBefore(far);
            shifts.DeltaAt(far).ShouldBe(5u, $"after {i}");
            shifts.Undo(unchecked(far + 5)).ShouldBe(far);
        }
    }

    [Fact]
    public void Messages_SayTheLastReplacement()
    {
        SequenceShifts shifts = default;
        shifts.ToSync().IsNothing.ShouldBeTrue();
        shifts.TryAdd(100, 20, 5).ShouldBeTrue();
        shifts.TryAdd(200, 20, -7).ShouldBeTrue();
        SyncSequence said = shifts.ToSync();
        said.ShouldBe(new SyncSequence(199, unchecked((uint)-2), 5));
        var taken = SequenceShifts.Of(said);
        foreach (uint sequence in new uint[] { 150, 199, 200, 300 }) taken.DeltaAt(sequence).ShouldBe(shifts.DeltaAt(sequence));
        taken.Undo(198).ShouldBe(200u);
        SequenceShifts.Of(taken.ToSync()).DeltaAt(200).ShouldBe(unchecked((uint)-2));
    }

    /// <summary>The slow twin: a sender's octets and a receiver's, each known one by one.</summary>
    [Fact]
    public void Shifts_OfRandomReplacements_MapBothStreamsOntoEachOther() => Seeds.Run(200, (random, _) =>
    {
        SequenceShifts shifts = default;
        uint end = unchecked(Start + (uint)random.Next(100));
        uint delta = 0;
        List<(uint End, uint Delta, uint Before)> made = [];
        for (int i = 0; i < 1 + random.Next(SequenceShifts.Most); i++)
        {
            int octets = 1 + random.Next(30), growth = random.Next(20) - Math.Min(octets, 10);
            end = unchecked(end + (uint)octets + (uint)random.Next(100));
            shifts.TryAdd(end, octets, growth).ShouldBeTrue();
            made.Add((end, unchecked(delta + (uint)growth), delta));
            delta = made[^1].Delta;
        }

        for (uint sequence = Start; sequence != unchecked(Start + 900u); sequence = unchecked(sequence + 1))
        {
            uint expected = 0;
            foreach ((uint at, uint shift, uint _) in made)
                if (unchecked((int)(sequence - at)) >= 0) expected = shift;
            shifts.DeltaAt(sequence).ShouldBe(expected);

            // Where no text was replaced, what is acknowledged in the one stream is this octet in the other.
            bool isReplaced = made.Any(m => unchecked((int)(sequence - m.End)) < 0 && unchecked((int)(m.End - sequence)) < 32);
            if (!isReplaced) shifts.Undo(unchecked(sequence + expected)).ShouldBe(sequence);
        }
    });
}
