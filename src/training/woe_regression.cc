#include "training/woe_regression.h"

#include <algorithm>
#include <cmath>

#include "model/combination.h"

namespace vigie::training {
namespace {

// The lower triangle of a symmetric matrix, row by row.
class Symmetric {
 public:
  explicit Symmetric(std::size_t size) : size_(size), cells_(size * size) {}
  double& at(std::size_t row, std::size_t column) { return cells_[row * size_ + column]; }
  double at(std::size_t row, std::size_t column) const { return cells_[row * size_ + column]; }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::vector<double> cells_;
};

// x of matrix * x = right, by Cholesky's factors; 0 for what the other rows say already.
std::vector<double> solve(Symmetric matrix, std::vector<double> right) {
  const std::size_t n = matrix.size();
  constexpr double kDependent = 1e-10;
  for (std::size_t j = 0; j < n; ++j) {
    const double own = matrix.at(j, j);
    double pivot = own;
    for (std::size_t k = 0; k < j; ++k) pivot -= matrix.at(j, k) * matrix.at(j, k);
    const bool dependent = !(pivot > kDependent * own);
    matrix.at(j, j) = dependent ? 0 : std::sqrt(pivot);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = matrix.at(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= matrix.at(i, k) * matrix.at(j, k);
      matrix.at(i, j) = dependent ? 0 : sum / matrix.at(j, j);
    }
  }
  const auto divide = [&](double sum, std::size_t i) { return matrix.at(i, i) == 0 ? 0 : sum / matrix.at(i, i); };
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) right[i] -= matrix.at(i, k) * right[k];
    right[i] = divide(right[i], i);
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) right[i] -= matrix.at(k, i) * right[k];
    right[i] = divide(right[i], i);
  }
  return right;
}

class Likelihood {
 public:
  Likelihood(std::span<const std::vector<double>> columns, std::span<const std::uint8_t> labels,
             std::span<const double> weights)
      : columns_(columns), labels_(labels), weights_(weights) {}

  double weight(std::size_t row) const { return weights_.empty() ? 1 : weights_[row]; }
  double margin(const std::vector<double>& fit, std::size_t row) const {
    double sum = fit.back();
    for (std::size_t i = 0; i < columns_.size(); ++i) sum += fit[i] * columns_[i][row];
    return sum;
  }
  double loss(const std::vector<double>& fit) const {
    double sum = 0;
    for (std::size_t row = 0; row < labels_.size(); ++row) {
      const double m = margin(fit, row);
      sum += weight(row) * (std::max(m, 0.0) + std::log1p(std::exp(-std::fabs(m))) - (labels_[row] == 1 ? m : 0));
    }
    return sum;
  }
  std::vector<double> newton_step(const std::vector<double>& fit) const {
    const std::size_t size = fit.size();
    std::vector<double> gradient(size);
    Symmetric curvature(size);
    std::vector<double> x(size, 1.0);
    for (std::size_t row = 0; row < labels_.size(); ++row) {
      for (std::size_t i = 0; i < columns_.size(); ++i) x[i] = columns_[i][row];
      const double p = model::sigmoid(margin(fit, row));
      const double residual = weight(row) * (p - labels_[row]);
      const double bend = weight(row) * p * (1 - p);
      for (std::size_t i = 0; i < size; ++i) {
        gradient[i] += residual * x[i];
        for (std::size_t j = 0; j <= i; ++j) curvature.at(i, j) += bend * x[i] * x[j];
      }
    }
    return solve(std::move(curvature), std::move(gradient));
  }

 private:
  std::span<const std::vector<double>> columns_;
  std::span<const std::uint8_t> labels_;
  std::span<const double> weights_;
};

}  // namespace

WoeRegression fit_woe_regression(std::span<const std::vector<double>> columns, std::span<const std::uint8_t> labels,
                                 std::span<const double> weights) {
  const Likelihood likelihood(columns, labels, weights);
  double good = 0;
  double bad = 0;
  for (std::size_t row = 0; row < labels.size(); ++row) (labels[row] == 1 ? bad : good) += likelihood.weight(row);
  std::vector<double> fit(columns.size() + 1);
  fit.back() = std::log(bad / good);
  double loss = likelihood.loss(fit);
  constexpr int kSteps = 50;
  for (int step = 0; step < kSteps; ++step) {
    const std::vector<double> direction = likelihood.newton_step(fit);
    std::vector<double> next = fit;
    double value = loss;
    for (double scale = 1; scale > 1e-6; scale /= 2) {
      for (std::size_t i = 0; i < fit.size(); ++i) next[i] = fit[i] - scale * direction[i];
      value = likelihood.loss(next);
      if (value < loss) break;
    }
    if (!(value < loss)) break;
    const bool settled = loss - value <= 1e-12 * loss;
    fit = std::move(next);
    loss = value;
    if (settled) break;
  }
  WoeRegression regression{.intercept = fit.back()};
  fit.pop_back();
  regression.slopes = std::move(fit);
  return regression;
}

}  // namespace vigie::training
