#include "load/load_thread.h"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace vigie::load {
namespace {

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kFirstPatience = 10 * kMillisecond;
constexpr Nanoseconds kMostPatience = kSecond;
constexpr std::size_t kScratch = 64 << 10;

double thread_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

LoadThread::LoadThread(const LoadPlan& plan, const Target& target, std::span<const Request> requests,
                       const LoadShare& share, const std::atomic<bool>& stop)
    : plan_(plan),
      target_(target),
      requests_(requests),
      share_(share),
      stop_(stop),
      recorder_(plan),
      peers_(share.connections),
      scratch_(kScratch),
      next_due_(share.thread),
      end_(plan.warmup + plan.length()),
      sweep_every_(std::clamp(plan.timeout / 8, kMillisecond, 50 * kMillisecond)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  assert(!requests.empty() && share.connections > 0);
  if (plan.open_loop()) schedule_.emplace(plan);
}

LoadThread::~LoadThread() {
  if (epoll_ >= 0) ::close(epoll_);
}

Nanoseconds LoadThread::now() const {
  const auto since = std::chrono::steady_clock::now() - share_.start;
  return static_cast<Nanoseconds>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

void LoadThread::run() {
  // The kernel would otherwise put timers off by up to 50 µs, and requests would be late by our own doing.
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  const double before = thread_seconds();
  loop();
  recorder_.generator_took(thread_seconds() - before - static_cast<double>(spun_) / kSecond);
}

void LoadThread::loop() {
  for (std::uint32_t i = 0; i < peers_.size(); ++i) open(i, now());
  for (;;) {
    Nanoseconds time = now();
    if (stop_.load(std::memory_order_relaxed)) end_ = std::min(end_, time);
    if (schedule_) send_due(time);
    if (time >= next_sweep_) sweep(time);
    if (time >= end_ && (in_flight_ == 0 || time >= end_ + plan_.timeout + sweep_every_)) break;
    wait(time);
  }
  if (schedule_) give_up_due(now());
}

void LoadThread::wait(Nanoseconds time) {
  Nanoseconds until = next_sweep_;
  if (time < end_) until = std::min(until, end_);
  if (schedule_ && !idle_.empty() && next_due_ < schedule_->count()) until = std::min(until, schedule_->due(next_due_));
  const Nanoseconds left = until > time && !plan_.spin ? until - time : 0;
  const timespec timeout{.tv_sec = static_cast<time_t>(left / kSecond), .tv_nsec = static_cast<long>(left % kSecond)};
  std::array<epoll_event, 256> events;
  const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    handle(event.data.u32, event.events);
  }
  if (plan_.spin && count == 0) spun_ += now() - time;
}

void LoadThread::watch(std::uint32_t index, bool out) {
  Peer& peer = peers_[index];
  if (peer.watches_out == out) return;
  peer.watches_out = out;
  epoll_event event{.events = EPOLLIN | (out ? EPOLLOUT : 0U), .data = {.u32 = index}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, peer.connection.socket(), &event);
}

void LoadThread::open(std::uint32_t index, Nanoseconds time) {
  Peer& peer = peers_[index];
  peer.since = time;
  peer.answered = false;
  bool begun = peer.connection.connect(target_);
  if (begun) {
    peer.watches_out = true;
    epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.u32 = index}};
    begun = ::epoll_ctl(epoll_, EPOLL_CTL_ADD, peer.connection.socket(), &event) == 0;
  }
  if (!begun) lose(index, Failure::kConnect, time);
}

// Counts what is lost with the connection, and has it made again: at once where the last one was of use, and ever more
// patiently where it was not, so that a server that only hangs up is not hammered.
void LoadThread::lose(std::uint32_t index, Failure failure, Nanoseconds time) {
  Peer& peer = peers_[index];
  auto& in_flight = peer.connection.in_flight();
  if (peer.connection.phase() != Connection::Phase::kOpen) recorder_.failure(failure, time, time);
  Failure reason = failure;
  for (const InFlight& request : in_flight) {
    recorder_.failure(reason, request.due, time);
    if (failure != Failure::kTimeout) reason = Failure::kClosed;  // the first one is to blame, the others went with it
  }
  in_flight_ -= in_flight.size();
  peer.connection.close();
  peer.patience = peer.answered ? 0 : std::clamp(peer.patience * 2, kFirstPatience, kMostPatience);
  peer.retry_at = time + peer.patience;
  if (peer.answered && time < end_) open(index, time);
}

void LoadThread::handle(std::uint32_t index, std::uint32_t events) {
  Peer& peer = peers_[index];
  if (peer.connection.phase() == Connection::Phase::kDown) return;
  if (peer.connection.phase() == Connection::Phase::kConnecting) {
    const Nanoseconds time = now();
    const Connection::Flow flow = peer.connection.finish_connecting();
    if (flow == Connection::Flow::kBlocked) return watch(index, peer.connection.waits_to_write());
    if (flow != Connection::Flow::kFine) return lose(index, Failure::kConnect, time);
    recorder_.connected(peer.made_before);
    peer.made_before = true;
    watch(index, false);
    return go_on(index, time);
  }
  if ((events & EPOLLOUT) != 0) {
    flush(index, now());
    if (peer.connection.phase() != Connection::Phase::kOpen) return;
  }
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read_answers(index);
}

void LoadThread::read_answers(std::uint32_t index) {
  Peer& peer = peers_[index];
  Connection& connection = peer.connection;
  auto& in_flight = connection.in_flight();
  std::size_t received = 0;
  const Connection::Flow flow = connection.receive(scratch_, received);
  if (flow == Connection::Flow::kBlocked) return;
  const Nanoseconds time = now();
  const auto answered = [&] {
    recorder_.answer(in_flight.front().route, connection.parser().status(), in_flight.front().due, time);
    in_flight.pop_front();
    --in_flight_;
    peer.answered = true;
    peer.patience = 0;
  };
  if (flow != Connection::Flow::kFine) {
    if (!in_flight.empty() && flow == Connection::Flow::kEnded && connection.finish_answer()) answered();
    return lose(index, flow == Connection::Flow::kEnded ? Failure::kClosed : Failure::kReset, time);
  }
  recorder_.received(received);
  while (!in_flight.empty() && connection.next_answer()) {
    answered();
    if (!connection.parser().keep_alive()) return lose(index, Failure::kClosed, time);
  }
  const bool unasked = in_flight.empty() && connection.has_unread();
  if (connection.failed() || unasked) {
    recorder_.bad_answer(unasked ? "bytes that no request asked for" : connection.parser().failure());
    if (unasked) recorder_.failure(Failure::kBadAnswer, time, time);
    peer.answered = false;  // patience, for it may go on like that
    return lose(index, Failure::kBadAnswer, time);
  }
  connection.keep_unread();
  go_on(index, time);
}

// The connection may be given requests: in a closed loop at once, in an open one when the next is due.
void LoadThread::go_on(std::uint32_t index, Nanoseconds time) {
  Peer& peer = peers_[index];
  if (schedule_) {
    if (peer.connection.in_flight().empty() && !peer.listed) {
      peer.listed = true;
      idle_.push_back(index);
    }
    return;
  }
  if (time >= end_) return;
  while (peer.connection.in_flight().size() < plan_.pipeline) send_one(peer, time, time);
  flush(index, time);
}

void LoadThread::send_one(Peer& peer, Nanoseconds due, Nanoseconds time) {
  // Threads begin at different places of the round, so that they do not ask the same at the same time.
  const std::uint64_t first = requests_.size() / plan_.threads * share_.thread;
  const Request& request = requests_[static_cast<std::size_t>((first + made_) % requests_.size())];
  const std::uint64_t serial = plan_.first_serial + made_ * plan_.threads + share_.thread;
  peer.connection.add(request, serial, {.due = due, .sent = time, .route = request.route});
  recorder_.sent(request.bytes.size());
  ++made_;
  ++in_flight_;
}

void LoadThread::flush(std::uint32_t index, Nanoseconds time) {
  switch (peers_[index].connection.flush()) {
    case Connection::Flow::kFine: return watch(index, false);
    case Connection::Flow::kBlocked: return watch(index, true);
    default: return lose(index, Failure::kReset, time);
  }
}

void LoadThread::send_due(Nanoseconds time) {
  while (!idle_.empty() && next_due_ < schedule_->count()) {
    const Nanoseconds due = schedule_->due(next_due_);
    if (due > time || due >= end_) return;
    const std::uint32_t index = idle_.back();
    idle_.pop_back();
    Peer& peer = peers_[index];
    peer.listed = false;
    if (peer.connection.phase() != Connection::Phase::kOpen) continue;
    send_one(peer, due, time);
    flush(index, time);
    next_due_ += plan_.threads;
  }
}

// What was due and never went: its users would be waiting still.
void LoadThread::give_up_due(Nanoseconds time) {
  for (; next_due_ < schedule_->count() && schedule_->due(next_due_) < end_; next_due_ += plan_.threads) {
    recorder_.failure(Failure::kNotSent, schedule_->due(next_due_), time);
  }
}

void LoadThread::sweep(Nanoseconds time) {
  next_sweep_ = time + sweep_every_;
  for (std::uint32_t i = 0; i < peers_.size(); ++i) {
    Peer& peer = peers_[i];
    switch (peer.connection.phase()) {
      case Connection::Phase::kDown:
        if (time < end_ && time >= peer.retry_at) open(i, time);
        break;
      case Connection::Phase::kConnecting:
        if (time >= peer.since + plan_.timeout) lose(i, Failure::kTimeout, time);
        break;
      case Connection::Phase::kOpen: {
        const auto& in_flight = peer.connection.in_flight();
        if (!in_flight.empty() && time >= in_flight.front().sent + plan_.timeout) lose(i, Failure::kTimeout, time);
        break;
      }
    }
  }
}

}  // namespace vigie::load
