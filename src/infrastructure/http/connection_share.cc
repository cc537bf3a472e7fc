// What one holder may take of the server: connections with an answer under way, and bytes that wait
// to be read. Threading: the loop's own thread.
#include <utility>

#include "infrastructure/http/connection.h"

namespace pawl::http {

bool Connection::charge(std::uint64_t answer, const std::string& holder) {
  if (!current(answer) || !holder_.empty()) {
    return true;
  }
  const std::size_t most = server_->options.max_connections_per_holder;
  std::size_t& count = server_->answering[holder];
  if (most != 0 && count >= most) {
    return false;
  }
  ++count;
  holder_ = holder;
  return true;
}

void Connection::leave_holder() {
  if (holder_.empty()) {
    return;
  }
  const auto found = server_->answering.find(holder_);
  if (--found->second == 0) {
    server_->answering.erase(found);
  }
  holder_.clear();
}

void Connection::count_output() {
  OutputBudget* const budget = server_->options.output.get();
  if (budget == nullptr) {
    return;
  }
  if (queue_.empty()) {
    leave_output();
    return;
  }
  if (output_ == 0) {
    output_ = budget->open(holder_, [weak = weak_from_this()](OutputBudget::Ticket over) {
      if (const auto self = weak.lock()) {
        self->cut_off(over);
      }
    });
  }
  budget->set(output_, queue_.size());
}

void Connection::leave_output() {
  if (output_ != 0) {
    server_->options.output->close(std::exchange(output_, 0));
  }
}

// An orderly end would look like the whole answer where its length is not told.
void Connection::cut_off(OutputBudget::Ticket over) {
  if (over != output_ || state_ == State::kClosed) {
    return;
  }
  ++server_->counters.output_shed;
  stream_.reset_on_close();
  broken();
}

}  // namespace pawl::http
