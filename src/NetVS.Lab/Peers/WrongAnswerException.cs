namespace NetVS.Lab.Peers;

/// <summary>An answer came, and was not the one that had to come: worse than none.</summary>
internal sealed class WrongAnswerException(string message) : Exception(message);
