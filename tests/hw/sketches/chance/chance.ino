// Pseudo-random numbers: in range, and repeatable by their seed.
void setup() {
  Serial.begin(115200);
  bool inside = true, spread[6] = {};
  for (int i = 0; i < 200; i++) {
    long a = random(6), b = random(-20, -10);
    inside = inside && a >= 0 && a < 6 && b >= -20 && b < -10;
    spread[a] = true;
  }
  Serial.println(inside);
  Serial.println(spread[0] && spread[1] && spread[2] && spread[3] && spread[4] && spread[5]);
  long first[3];
  randomSeed(42);
  for (long &n : first) n = random(100000);
  randomSeed(42);
  Serial.println(random(100000) == first[0] && random(100000) == first[1] && random(100000) == first[2]);
  randomSeed(43);
  Serial.println(random(100000) != first[0]);
  Serial.println(random(0));
  Serial.println(random(7, 7));
  Serial.println(random(9, 3));
}

void loop() {}
