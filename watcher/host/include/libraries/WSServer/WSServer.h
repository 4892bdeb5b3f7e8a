// WSServer.h - the WebSocket server's names that Gui.h needs, as in the board's header of this name.
#pragma once

/// One client's connection. Only its address in memory means something to a program.
struct WSServerDetails;

class WSServer {
public:
	/// From where a message is sent: kThreadCallback from inside a callback of the Gui.
	enum CallingThread { kThreadRt, kThreadCallback, kThreadOther };
};
