#include "app/api/asker.h"

#include "app/api/http_answer.h"

namespace pawl {

Result<Asker> Door::who(const http::Request& request) const {
  if (guard_ != nullptr && !request.headers.has("Authorization")) {
    const Result<const sign_in::Session*> session = guard_->who(request);
    return session ? Result<Asker>(Asker{**session}) : fail(session.error());
  }
  if (from_browser_page(request)) {
    return fail(Code::kForbidden,
                "web pages may not use this listener, nor may another Host than this machine");
  }
  return has_token(request, token_)
             ? Result<Asker>(Asker{})
             : fail(Code::kUnauthenticated, "the control token is missing or wrong");
}

}  // namespace pawl
