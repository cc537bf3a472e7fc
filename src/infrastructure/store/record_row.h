// What the index keeps of a record: what people ask for, read from its token.
//
// Threading:  pure function.
// Errors:     kMalformed: not a token with a UUID for its id.
// Not errors: a token that is no Pawl record (its kind is shown, its body is not read); a body that
//             was too large and holds only its digest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "foundation/ect/ect_level.h"

namespace pawl::store {

// declared, traced, data, resource, inferred; any other is not known.
inline constexpr std::string_view kBasisLetters = "dtvri";
std::string_view basis_word(char letter);  // "declared"; "unknown"

struct RecordRow {
  std::uint64_t index = 0;  // in its log
  std::uint64_t log = 0;    // number of a frozen log; 0: the log in use
  Uuid id;
  std::int64_t at = 0;  // iat, seconds
  std::string kind;     // exec_act
  std::string verb;     // of an Action, also when it was refused; else empty
  std::string agent, server, tool, outcome, workflow;  // empty: the record has none
  std::string resource{};                              // likewise
  // Of the graph. An own level that cannot be read is the weakest; a parent counts once.
  std::vector<Uuid> parents;
  // Why each parent is one, a letter each: kBasisLetters.
  std::string basis{};
  ect::Level level = ect::Level::kL3;
  bool partial = false;  // parents of it were not at hand
  bool approved = true;  // false: the policy's decision was another one
  // Of a record that stands for a token of somebody else (foundation/ect/received_token.h): that
  // token's; nil and empty of every other one.
  Uuid token{};
  std::string issuer, payload;
  std::int64_t token_at = 0;

  // Under which id others name it as their parent.
  const Uuid& graph_id() const { return token.is_nil() ? id : token; }
  // What was called, read or asked for at the server.
  const std::string& name() const { return tool.empty() ? resource : tool; }
};

// Reads, does not verify.
Result<RecordRow> read_record_row(std::uint64_t index, std::string_view token);

}  // namespace pawl::store
