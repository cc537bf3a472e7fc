// The ResponseWriter of a connection.
// Threading: the loop's own thread. Ownership: holds its connection weakly.
#pragma once

#include <cstdint>
#include <memory>

#include "infrastructure/http/server.h"

namespace pawl::http {

class Connection;

// `answer`: the number of the request on its connection.
std::shared_ptr<ResponseWriter> make_response_writer(EventLoop& loop,
                                                     std::weak_ptr<Connection> connection,
                                                     std::uint64_t answer);

}  // namespace pawl::http
