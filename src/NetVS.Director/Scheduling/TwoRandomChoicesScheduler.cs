// Reference §3.14; the idea is Mitzenmacher's, "The Power of Two Choices in Randomized Load Balancing" (2001).
using NetVS.Director.Services;

namespace NetVS.Director.Scheduling;

/// <summary>twos: two destinations drawn at random by weight, and of these the less loaded.</summary>
/// <remarks>
/// No state but the random source. W is the sum of the eligible weights. Two numbers are drawn from 0 to W, both included; a walk
/// from the head subtracts each eligible weight from both, and a number's choice is the destination where it first becomes 0 or less.
/// Drawing from W + 1 values favours the first destination a little, as in the kernel. The second choice wins if
/// weight2 · overhead1 &gt; weight1 · overhead2, so a tie goes to the first. The product is made in 32 bits and wraps, as in the
/// kernel: with great weights and many connections the comparison can go either way there, and here.
/// </remarks>
internal sealed class TwoRandomChoicesScheduler(IRandomSource random) : Scheduler
{
    /// <inheritdoc/>
    public override string Name => "twos";

    /// <inheritdoc/>
    public override Destination? Schedule(VirtualServiceState service, in SchedulingRequest request)
    {
        Destination[] destinations = service.Destinations;
        SlowStart start = service.SlowStart;
        long sum = 0;
        foreach (Destination destination in destinations)
        {
            if (IsEligible(destination)) sum += start.WeightOf(destination);
        }

        if (sum == 0) return null;
        uint bound = (uint)Math.Min(sum + 1, uint.MaxValue);
        long first = random.NextBelow(bound), second = random.NextBelow(bound);
        Destination? firstChoice = null, secondChoice = null;
        long firstWeight = 0, secondWeight = 0;
        foreach (Destination destination in destinations)
        {
            if (!IsEligible(destination)) continue;
            long weight = start.WeightOf(destination);
            first -= weight;
            second -= weight;
            if (first <= 0 && firstChoice is null) (firstChoice, firstWeight) = (destination, weight);
            if (second <= 0 && secondChoice is null) (secondChoice, secondWeight) = (destination, weight);
        }

        // A weight may have fallen between the two walks; then the choice that was missed does not count.
        if (firstChoice is null || secondChoice is null) return firstChoice ?? secondChoice;
        int left = unchecked((int)secondWeight * (int)Overhead(firstChoice));
        int right = unchecked((int)firstWeight * (int)Overhead(secondChoice));
        return left > right ? secondChoice : firstChoice;
    }
}
