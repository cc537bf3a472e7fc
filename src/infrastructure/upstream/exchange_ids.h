// The names of one exchange on both sides: ids, progress tokens, subscriptions.
//
// Purpose:    clients choose their ids and tokens alone, so several of them on one server would
//             collide; each exchange gets a number of ours, and everything that names it is spliced
//             both ways. Every other byte stays.
// Threading:  pure functions.
// Not errors: a message that names no exchange (nullopt).
//
// Example:
//   const ExchangeIds ids = ids_of(request.message, next_id++);
//   channel.send(outgoing(request.message, ids, request.idempotency_key, request.traceparent),
//   ...); events.on_response(restored_response(std::move(response), ids));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "infrastructure/jsonrpc/message.h"

namespace pawl::mcp {

struct ExchangeIds {
  std::int64_t id = 0;         // ours: the request id, and the progress token where one was given
  std::string client_id;       // raw JSON
  std::string progress_token;  // the client's, raw JSON; empty: it gave none
  std::string task;            // params.taskId
  bool listens = false;        // subscriptions/listen: its notifications name the request's id
};

ExchangeIds ids_of(const jsonrpc::Message& request, std::int64_t id);

// The request with our id and token and, in params._meta, the idempotency key. A request without
// params gets none: it has nothing to repeat.
std::string outgoing(const jsonrpc::Message& request, const ExchangeIds& ids,
                     std::string_view idempotency_key, std::string_view traceparent);
// On one line, for stdio: line breaks between tokens become blanks (in strings JSON has none).
std::string single_line(std::string text);

// The number in a raw id; nullopt: not one that we gave.
std::optional<std::int64_t> number_of(std::string_view id_text);
// What a notification names: its progressToken or its subscriptionId.
std::optional<std::int64_t> named_exchange(const jsonrpc::Message& message);
std::optional<std::string> related_task(const jsonrpc::Message& message);

// With the client's id. `value` keeps the parse of the rest; read the id from id_text.
jsonrpc::Message restored_response(jsonrpc::Message response, const ExchangeIds& ids);
// A notification that named the exchange, with the client's token or subscription; nullopt: it
// reports progress to a client that asked for none.
std::optional<jsonrpc::Message> restored_notification(jsonrpc::Message message,
                                                      const ExchangeIds& ids);

}  // namespace pawl::mcp
