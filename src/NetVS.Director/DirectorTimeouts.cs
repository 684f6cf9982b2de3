namespace NetVS.Director;

/// <summary>The three timeouts of <c>ipvsadm --set</c>, in seconds; 0 leaves one unchanged when setting.</summary>
public readonly record struct DirectorTimeouts(int Tcp, int TcpFin, int Udp);
