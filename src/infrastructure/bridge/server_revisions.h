// Which revisions each registered server speaks, of both eras, as far as it was heard of.
//
// Purpose:    a server is asked once and not with each call. What is known decides what discover
//             and refusals list, and refuses an era that the server does not speak without asking
//             it again.
// Threading:  the I/O thread.
// Soft state: empty after a restart: then the next client's handshake tells.
// Not errors: an era that is not known yet; whoever needs it asks (era_survey.h, handshake.h).
// Not here:   wrapped servers: one name may be another program in another session.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "infrastructure/mcp/upstream.h"

namespace pawl::bridge {

class ServerRevisions {
 public:
  // So long "it does not speak this era" is believed: servers are upgraded while Pawl runs.
  static constexpr std::chrono::seconds kBelieved{300};

  explicit ServerRevisions(Clock& clock) : clock_(clock) {}

  // What an upstream said that was started for a client of `wanted`.
  void note(const std::string& server, mcp::Era wanted, const mcp::UpstreamHello& hello);
  // The server was asked and did not say.
  void note_silence(const std::string& server, mcp::Era era);

  // False: not asked yet, or so long ago that it is worth another question.
  bool knows(const std::string& server, mcp::Era era) const;
  bool speaks(const std::string& server, mcp::Era era) const;
  // Of both eras, newest first.
  std::vector<std::string> of(const std::string& server) const;
  // Of any server.
  bool knows_any(mcp::Era era) const;
  // What all servers speak whose answer to `era` is known; nullopt: none is known.
  std::optional<std::vector<std::string>> common(mcp::Era era) const;

 private:
  struct Known {
    std::vector<std::string> revisions;  // newest first; empty: none, believed for a while
    BootTime until;                      // of an empty one
  };
  using Eras = std::array<std::optional<Known>, 2>;
  const std::optional<Known>* find(const std::string& server, mcp::Era era) const;
  void silent(std::optional<Known>& known);

  Clock& clock_;
  std::map<std::string, Eras> servers_;
};

}  // namespace pawl::bridge
