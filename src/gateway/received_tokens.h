// The tokens of others that came with one call, and their records.
//
// Purpose:    what the gateway accepted is kept: each token once, before the record of the call
//             that it caused (docs/formats/records.md, `token.received`).
// Threading:  pure functions, plain values.
// Not errors: a token that does not fit into a record: the digest of its text stands there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "foundation/ect/ect.h"
#include "gateway/recorder.h"

namespace pawl {

// One that is verified, and not recorded yet.
struct NewToken {
  std::shared_ptr<const ect::Token> token;
  ect::Level level = ect::Level::kL1;  // the weakest of it and of what is known of its chain
  std::vector<Uuid> missing;           // parents of it that are not at hand
  bool fetched = false;                // nobody presented it: its issuer was asked for it
  std::string wit{};                   // in which its key stands; empty: in a key set
};
// Those of one call; parents before their children, as far as they are among them.
using NewTokens = std::vector<NewToken>;
void put_parents_first(NewTokens& tokens);

// `agent`: who presented it.
RecordDraft received_record(const NewToken& received, const Uuid& id, const std::string& agent);

}  // namespace pawl
