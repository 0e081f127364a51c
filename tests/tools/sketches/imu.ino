// The motion sensor's library: three sensors, rates, FIFO.
#include <Arduino_LSM9DS1.h>

int accelerations = 0, rotations = 0, fields = 0;

void show(const char *name, float x, float y, float z) {
  Serial.print(name);
  Serial.print(' ');
  Serial.print(x, 3);
  Serial.print(' ');
  Serial.print(y, 3);
  Serial.print(' ');
  Serial.println(z, 3);
}

void setup() {
  Serial.begin(115200);
  if (!IMU.begin()) {
    Serial.println("no sensor");
    while (1) {
    }
  }
  Serial.println(IMU.accelerationSampleRate());
}

void loop() {
  float x, y, z;
  if (IMU.accelerationAvailable()) {
    IMU.readAcceleration(x, y, z);
    if (accelerations++ % 60 == 59) show("accel", x, y, z);
  }
  if (IMU.gyroscopeAvailable()) {
    IMU.readGyroscope(x, y, z);
    if (rotations++ % 60 == 59) show("gyro", x, y, z);
  }
  if (IMU.magneticFieldAvailable()) {
    IMU.readMagneticField(x, y, z);
    if (fields++ % 15 == 14) show("mag", x, y, z);
  }
  if (millis() >= 1900 && accelerations > 0) {
    Serial.println(String("counts ") + accelerations + " " + rotations + " " + fields);
    accelerations = 0;
    IMU.setContinuousMode();
    delay(150);  // the FIFO keeps what a one-shot reading would lose
    int kept = 0;
    while (IMU.accelerationAvailable()) {
      IMU.readAcceleration(x, y, z);
      kept++;
    }
    Serial.println(String("kept ") + kept);
    IMU.end();
    while (millis() < 3000) delay(10);
  }
}
