// Where the lines of a stdio server come from: a child process, or a shim that has one.
//
// Threading:  the I/O thread.
// Ownership:  destroying a transport ends it at once; after stop() it lets the orderly end go on.
// Errors:     OpenTransport: kUpstreamUnavailable, kNotFound, ... : nothing was started.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "infrastructure/net/unix_line.h"

namespace pawl::mcp {

class LineTransport {
 public:
  virtual ~LineTransport() = default;
  virtual LineChannel& channel() = 0;
  // Closes the server's input, then asks it, then forces it to end.
  virtual void stop() = 0;
  // Its channel closed with `why`: tells in words why the server ended, soon and once. Not called
  // back after the transport was destroyed.
  virtual void explain_end(const Error& why, std::function<void(std::string)> told) {
    told(why.message);
  }
};

using OpenTransport = std::function<Result<std::unique_ptr<LineTransport>>()>;

}  // namespace pawl::mcp
