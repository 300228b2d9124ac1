#include "training/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/parallel.h"

namespace vigie::training {
namespace {

struct Fit {  // one row is one distinct use of (x, label): margin = slope * x + intercept
  double slope = 0;
  double intercept = 0;
};

constexpr std::size_t kRowsAtOnce = 8192;

}  // namespace

model::Transform fit_platt(std::span<const double> scores, std::span<const std::uint8_t> labels,
                           std::span<const double> weights, std::size_t threads) {
  const std::size_t n = scores.size();
  std::vector<double> x(n);
  std::array<double, 2> total{};
  parallel_blocks(threads, n, kRowsAtOnce, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) x[i] = model::logit(scores[i]);
  });
  double mean = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    total[labels[i]] += weight;
    mean += weight * x[i];
  }
  const double all = total[0] + total[1];
  mean /= all;
  double spread = 0;
  for (std::size_t i = 0; i < n; ++i) spread += (weights.empty() ? 1 : weights[i]) * (x[i] - mean) * (x[i] - mean);
  spread = std::sqrt(spread / all);

  const std::array<double, 2> target = {1 / (total[0] + 2), (total[1] + 1) / (total[1] + 2)};
  const double base = (total[0] * target[0] + total[1] * target[1]) / all;
  model::Transform transform{.kind = model::Transform::Kind::kLogistic, .slope = 0, .intercept = model::logit(base)};
  if (!(spread > 1e-12)) return transform;
  for (double& value : x) value = (value - mean) / spread;  // Newton's steps are well conditioned on this scale

  // Of the fit that was tried last, by row: e to the power of -|margin|, which the gradient wants too, and the loss.
  // They are computed on all threads and added up in the rows' order on one, so that the sum is the same for any
  // number.
  std::vector<double> power(n);
  std::vector<double> losses(n);
  const auto loss = [&](const Fit& fit) {
    parallel_blocks(threads, n, kRowsAtOnce, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const double margin = fit.slope * x[i] + fit.intercept;
        power[i] = std::exp(-std::fabs(margin));
        const double softplus = std::max(margin, 0.0) + std::log1p(power[i]);
        losses[i] = (weights.empty() ? 1 : weights[i]) * (softplus - target[labels[i]] * margin);
      }
    });
    return std::accumulate(losses.begin(), losses.end(), 0.0);
  };
  Fit fit{0, model::logit(base)};
  double best = loss(fit);
  constexpr int kSteps = 60;
  for (int step = 0; step < kSteps; ++step) {
    std::array<double, 2> gradient{};
    std::array<double, 3> hessian{1e-12 * all, 0, 1e-12 * all};  // slope-slope, slope-intercept, intercept-intercept
    for (std::size_t i = 0; i < n; ++i) {
      const double weight = weights.empty() ? 1 : weights[i];
      const bool positive = fit.slope * x[i] + fit.intercept >= 0;
      const double p = (positive ? 1 : power[i]) / (1 + power[i]);  // the sigmoid of the margin
      const double residual = weight * (p - target[labels[i]]);
      const double curvature = weight * p * (1 - p);
      gradient[0] += residual * x[i];
      gradient[1] += residual;
      hessian[0] += curvature * x[i] * x[i];
      hessian[1] += curvature * x[i];
      hessian[2] += curvature;
    }
    const double determinant = hessian[0] * hessian[2] - hessian[1] * hessian[1];
    if (!(determinant > 0)) break;
    const double slope_step = (hessian[2] * gradient[0] - hessian[1] * gradient[1]) / determinant;
    const double intercept_step = (hessian[0] * gradient[1] - hessian[1] * gradient[0]) / determinant;
    double scale = 1;
    Fit next = fit;
    double value = best;
    for (; scale > 1e-6; scale /= 2) {
      next = {fit.slope - scale * slope_step, fit.intercept - scale * intercept_step};
      value = loss(next);
      if (value < best) break;
    }
    if (!(value < best)) break;
    const bool settled = best - value <= 1e-12 * std::fabs(best);
    fit = next;
    best = value;
    if (settled) break;
  }
  if (!(fit.slope > 0) || !std::isfinite(fit.intercept)) return transform;
  transform.slope = fit.slope / spread;
  transform.intercept = fit.intercept - transform.slope * mean;
  return transform;
}

}  // namespace vigie::training
