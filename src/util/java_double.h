/* How Java writes a double. */
#pragma once

enum { JAVA_DOUBLE_SIZE = 32 };

/* Writes as few digits as tell the number from its neighbours, at least one of them after the
 * point: 1.5, 100.0, 1.0E7, 1.0E-4, NaN, -Infinity. */
void java_double_format(double number, char out[JAVA_DOUBLE_SIZE]);
