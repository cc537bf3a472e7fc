// The HTTP face of a witness (C2SP tlog-witness): POST /add-checkpoint and
// GET /HASH/checkpoint, HASH the lowercase hex SHA-256 of a log's origin.
//
// Threading:  one loop's thread; a question is decided, made durable and answered within handle(),
//             so no two overlap.
// Ownership:  desk and clock outlive it.
// Credentials: none: a checkpoint speaks for itself, and answers are public.
// Errors:     the statuses of the specification, and 405, 503 (witness_desk.h). Texts are for
// people.
#pragma once

#include <memory>

#include "base/clock.h"
#include "foundation/witness/witness_desk.h"
#include "infrastructure/http/server.h"

namespace pawl {

class WitnessApi {
 public:
  WitnessApi(witness::WitnessDesk& desk, Clock& clock) : desk_(desk), clock_(clock) {}
  void handle(const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer);

 private:
  http::Response answer(const http::Request& request);
  http::Response add_checkpoint(const http::Request& request);

  witness::WitnessDesk& desk_;
  Clock& clock_;
};

}  // namespace pawl
