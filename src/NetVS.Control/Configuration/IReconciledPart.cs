namespace NetVS.Control.Configuration;

/// <summary>A part that puts things in place on the host that other programs may take away.</summary>
public interface IReconciledPart
{
    /// <summary>Finds what is missing, and puts it back if it is to be.</summary>
    /// <returns>A line for each.</returns>
    IReadOnlyList<string> Reconcile(bool isApplied);
}
