// Reads a YAML map with the place of every mistake: "pawl.yaml:12:3: listen: expected HOST:PORT".
//
// Purpose:    configuration is read strictly: unknown members, wrong types and bad values are
// errors. Threading:  one thread. Errors: the first one is kept; later reads give defaults.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "base/result.h"

namespace pawl {

// Shared by all readers of one file.
struct YamlErrors {
  std::string file;
  std::optional<Error> first;
  std::map<std::string, std::string> places;      // of every member that was read and is there
  std::string place(const YAML::Node& at) const;  // "file:line:column"
  void add(const YAML::Node& at, const std::string& path, const std::string& what);
};

// The whole file. Also an error: a text that goes on over several lines (base/yaml_lines.h).
// Throws YAML::Exception.
YAML::Node load_yaml(const std::string& text, YamlErrors& errors);

class YamlMap {
 public:
  YamlMap(const YAML::Node& node, std::string path, YamlErrors& errors);

  // Each names a member once; finish() then refuses members that nobody asked for.
  std::string text(const std::string& name, std::string fallback = "");
  bool boolean(const std::string& name, bool fallback);
  std::int64_t integer(const std::string& name, std::int64_t fallback, std::int64_t lowest,
                       std::int64_t highest);
  std::string one_of(const std::string& name, std::string fallback,
                     const std::vector<std::string>& allowed);
  std::vector<std::string> list(const std::string& name);             // a text or a list of texts
  std::map<std::string, std::string> texts(const std::string& name);  // a map of texts
  std::optional<YamlMap> map(const std::string& name);
  // Every member of the map `name`, in file order, each a map itself.
  void each(const std::string& name,
            const std::function<void(const std::string& key, YamlMap value)>& visit);
  // Every element of the list `name`, each a map itself.
  void each_item(const std::string& name, const std::function<void(YamlMap value)>& visit);
  bool has(const std::string& name) const;
  std::string where(const std::string& name) const;            // "servers.search.headers"
  void bad(const std::string& name, const std::string& what);  // reports a bad value of a member
  void finish();

 private:
  YAML::Node member(const std::string& name);

  YAML::Node node_;
  std::string path_;
  YamlErrors& errors_;
  std::set<std::string> asked_;
};

}  // namespace pawl
