// One record so that whoever has the log's key can check it without asking again.
//
// Threading:  pure functions.
// Errors:     kMalformed: no token, no proof.
// Source:     RFC 6962, section 2.1; C2SP tlog-proof and tlog-checkpoint;
//             docs/formats/console_api.md, "One record".
#pragma once

#include <string>

#include "app/api/record_list.h"
#include "base/json.h"

namespace pawl {

// {index, id, ..., token, typ, kid, claims}
Result<json::Object> shown_record(const store::RecordRow& row, const std::string& token);
// `proof`: a tlog-proof (docs/formats/receipt.md) of this token. {checkpoint, index, size, path,
// leaf}
Result<json::Object> shown_proof(const std::string& proof, const std::string& token);

}  // namespace pawl
