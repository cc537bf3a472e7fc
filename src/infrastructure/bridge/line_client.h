// A client that speaks MCP in lines: the wrap shim's end of its standard streams.
//
// Purpose:    both eras over one channel, for one agent and one server.
// Threading:  the I/O thread.
// Ownership:  owns the channel. Destroying it, or the end of the channel, withdraws its open calls.
// Errors:     bad lines are answered with a JSON-RPC error; the channel goes on.
// Not errors: notifications/cancelled for a call that ended.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "infrastructure/bridge/core.h"
#include "infrastructure/bridge/inbound.h"
#include "infrastructure/net/unix_line.h"

namespace pawl::bridge {

// Messages as lines of a channel that may close meanwhile.
class LineOutlet;

class LineClient : public std::enable_shared_from_this<LineClient> {
 public:
  LineClient(std::shared_ptr<Core> core, Caller caller, std::string server,
             std::unique_ptr<LineChannel> channel);
  ~LineClient();
  // `closed` runs once when the channel ended.
  void start(std::function<void()> closed);
  void close();
  const std::string& session_id() const;

 private:
  void line(const std::string& text);
  void initialize(Inbound in);
  void modern(Inbound in);
  void check_modern(Inbound in);
  void answer_fault(std::string_view id_text, const Error& error, mcp::Era era);

  const std::shared_ptr<Core> core_;
  Caller caller_;
  const std::string server_;
  std::shared_ptr<LineOutlet> outlet_;
  std::shared_ptr<Session> session_;  // of both eras: what may be cancelled
  // What its server speaks, once heard; servers of several shims may share a name.
  std::vector<std::string> spoken_;
  std::function<void()> closed_;
};

}  // namespace pawl::bridge
