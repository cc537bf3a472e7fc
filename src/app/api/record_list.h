// Records as rows of a list: the search's parameters, and its answer.
//
// Threading:  pure functions.
// Errors:     kInvalidParams, naming the parameter.
// Source:     docs/formats/console_api.md, "Records".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/api/read_query.h"
#include "base/json.h"
#include "infrastructure/store/record_index.h"

namespace pawl {

// A place among the records of all logs, to go on from: "512" in the log in use, "2.512" in the
// frozen log 2.
struct RecordPlace {
  std::uint64_t log = 0, index = 0;

  static std::optional<RecordPlace> parse(const std::string& text);
  std::string text() const;
};

struct RecordSearch {
  store::RecordFilter filter;
  std::optional<RecordPlace> before;
};
Result<RecordSearch> read_search(std::string_view query);

// {index, id, kind, at, agent, server, name, outcome, workflow, verb}; `log` of a frozen one.
json::Object record_row_json(const store::RecordRow& row);
json::Object record_list_json(const std::vector<store::RecordRow>& rows,
                              const std::optional<RecordPlace>& next);

}  // namespace pawl
