// The API's arithmetic.
void setup() {
  Serial.begin(115200);
  Serial.println(map(5, 0, 10, 100, 200));
  Serial.println(map(15, 0, 10, 0, 100));
  Serial.println(map(3, 10, 0, 0, 100));
  Serial.println(map(-7, -10, 10, -1000L, 1000L));
  Serial.println(constrain(12, 0, 10));
  Serial.println(constrain(-2.5, -1.0, 1.0));
  Serial.println(min(3, 8) + max(3, 8));
  Serial.println(min(2.5, -1.5));
  Serial.println(abs(-12));
  Serial.println(abs(-2.75));
  Serial.println(sq(5) + sq(-3));
  Serial.println(pow(2, 10), 0);
  Serial.println(sqrt(2.0), 3);
  Serial.println(degrees(PI), 1);
  Serial.println(radians(180.0) - PI, 3);
  Serial.println(sin(HALF_PI) + cos(TWO_PI), 2);
  Serial.println(floor(-1.5) + ceil(1.2), 1);
  Serial.println((int)round(2.5) + (int)round(-2.4));
  Serial.println(7 / 2 * 2.0f + 7 % 4);
  Serial.println(isnan(NAN) && isinf(INFINITY));
  Serial.println(fmod(7.5, 2.0), 1);
  Serial.println((int)(EULER * 1000));
}

void loop() {}
