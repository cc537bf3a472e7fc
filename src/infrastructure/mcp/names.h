// The names of /mcp: one name space over several servers.
//
// Purpose:    tools and prompts: `server__name` in [A-Za-z0-9_-]{1,64}; a name that does not fit is
//             shortened with a digest and mapped back through a table. Resources keep their URI and
//             are routed by who lists it.
// Threading:  any thread.
// Ownership:  owns its tables; bounded, soft state: what is not in them is learned from a list.
// Errors:     kNotFound: no such name (list first). kConflict: several servers offer the URI.
//             kTooLarge: a table is full.
// Not errors: learning the same pair again.
//
// No two pairs of server and name share a public name: names that look shortened are shortened too.
//
// Example:
//   names.learn("files", "read_text_file");              // "files__read_text_file"
//   Result<Target> target = names.resolve("files__read_text_file");
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/result.h"

namespace pawl::mcp {

struct Target {
  std::string server;
  std::string name;
  bool operator==(const Target&) const = default;
};

// The public name, a pure function of both.
std::string public_name(std::string_view server, std::string_view name);
bool is_shortened(std::string_view public_name);

class NameMap {
 public:
  explicit NameMap(std::size_t max_entries = 100'000) : max_entries_(max_entries) {}

  // The public name; a shortened one is remembered.
  Result<std::string> learn(const std::string& server, const std::string& name);
  Result<Target> resolve(std::string_view public_name) const;

  // Resources. A template routes the URIs that begin as it does before its first variable; one
  // without such a beginning (a scheme at least) routes nothing.
  Status learn_uri(const std::string& server, const std::string& uri);
  Status learn_template(const std::string& server, const std::string& uri_template);
  Result<std::string> server_of_uri(const std::string& uri) const;

  // Forgets a server that left the configuration.
  void forget(const std::string& server);

 private:
  Status room() const PAWL_REQUIRES(mutex_);

  const std::size_t max_entries_;
  mutable Mutex mutex_;
  std::map<std::string, Target, std::less<>> shortened_ PAWL_GUARDED_BY(mutex_);
  std::map<std::string, std::set<std::string>, std::less<>> uris_ PAWL_GUARDED_BY(mutex_);
  std::map<std::string, std::set<std::string>, std::less<>> templates_ PAWL_GUARDED_BY(mutex_);
};

}  // namespace pawl::mcp
