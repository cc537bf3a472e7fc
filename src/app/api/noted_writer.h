// A ResponseWriter that tells how its request was answered.
//
// Purpose:    what is refused on a listener for people is noted at one place, whoever refused it.
// Threading:  of the writer. `noted` is called before the answer is sent; not for a stream, whose
//             beginning is no refusal.
// Ownership:  `noted` is held until the writer is dropped.
#pragma once

#include <functional>
#include <memory>

#include "infrastructure/http/server.h"

namespace pawl {

using Noted = std::function<void(const http::Response&)>;

std::shared_ptr<http::ResponseWriter> noted_writer(std::shared_ptr<http::ResponseWriter> writer,
                                                   Noted noted);

}  // namespace pawl
