/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/screen/motion.h"

/* One coordinate of a cubic Bézier from 0 to 1 with the inner points a and b. */
static double bezier(double a, double b, double s)
{
	double r = 1 - s;

	return 3 * r * r * s * a + 3 * r * s * s * b + s * s * s;
}

double rc_motion_at(long long elapsed_us, long long duration_us)
{
	double low = 0, high = 1;

	if (elapsed_us <= 0)
		return 0;
	if (elapsed_us >= duration_us)
		return 1;
	/* x rises all the way, so halving finds the parameter; 24 steps are below a pixel's worth. */
	for (int i = 0; i < 24; i++) {
		double middle = (low + high) / 2;

		if (bezier(0.2, 0, middle) < (double)elapsed_us / (double)duration_us)
			low = middle;
		else
			high = middle;
	}
	return bezier(0, 1, low);
}
